CREATE TABLE "media_session" (
	"id" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"camera_id" text NOT NULL,
	"user_id" text NOT NULL,
	"credential_kind" text NOT NULL,
	"credential_id" text NOT NULL,
	"ticket_id" text,
	"ticket_expires_at" timestamp (3) with time zone,
	"written_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "media_session_newest" ON "media_session" USING btree ("written_at");