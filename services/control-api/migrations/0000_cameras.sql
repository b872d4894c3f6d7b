CREATE TABLE "camera" (
	"id" text PRIMARY KEY NOT NULL,
	"spec" jsonb NOT NULL,
	"credentials" jsonb,
	"generation" integer DEFAULT 1 NOT NULL,
	"start_requested_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
