# A simulated camera as a pod: packages/camera-simulator with FFmpeg, MediaMTX and a few seconds of footage.
FROM docker.io/bluenviron/mediamtx:1.20.1 AS mediamtx
FROM localhost/camplane/runtime-ffmpeg:test
COPY --from=mediamtx /mediamtx /usr/local/bin/mediamtx
COPY main.js footage.avi ./
EXPOSE 8554
ENTRYPOINT ["node", "main.js", "--host", "0.0.0.0", "--port", "8554", "--content", "/app/footage.avi"]
CMD []
