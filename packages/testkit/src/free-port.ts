export { freePort, freePorts } from '@camplane/camera-simulator/free-port';
