ALTER TABLE "access_user" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "access_session" ADD COLUMN "ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "access_user" ADD COLUMN "external_issuer" text;--> statement-breakpoint
ALTER TABLE "access_user" ADD COLUMN "external_subject" text;--> statement-breakpoint
CREATE UNIQUE INDEX "access_user_external" ON "access_user" USING btree ("external_issuer","external_subject");