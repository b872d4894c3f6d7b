CREATE TABLE "detection" (
	"id" uuid PRIMARY KEY NOT NULL,
	"camera_id" text NOT NULL,
	"detector" text NOT NULL,
	"label" text NOT NULL,
	"confidence" double precision NOT NULL,
	"box_x" double precision NOT NULL,
	"box_y" double precision NOT NULL,
	"box_width" double precision NOT NULL,
	"box_height" double precision NOT NULL,
	"track_id" uuid NOT NULL,
	"captured_at" timestamp (3) with time zone NOT NULL,
	"sequence" bigint NOT NULL,
	"frame_width" integer NOT NULL,
	"frame_height" integer NOT NULL,
	"picture" text,
	"is_first_of_track" boolean NOT NULL
);
--> statement-breakpoint
CREATE INDEX "detection_newest" ON "detection" USING btree ("captured_at","id");--> statement-breakpoint
CREATE INDEX "detection_newest_of_camera" ON "detection" USING btree ("camera_id","captured_at","id");--> statement-breakpoint
CREATE INDEX "detection_newest_of_label" ON "detection" USING btree ("label","captured_at","id");--> statement-breakpoint
CREATE INDEX "detection_newest_of_track" ON "detection" USING btree ("track_id","captured_at","id");--> statement-breakpoint
CREATE INDEX "detection_newest_first_of_track" ON "detection" USING btree ("captured_at","id") WHERE "detection"."is_first_of_track";--> statement-breakpoint
CREATE UNIQUE INDEX "detection_first_of_track" ON "detection" USING btree ("track_id") WHERE "detection"."is_first_of_track";