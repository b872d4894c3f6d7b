import { describe, expect, it } from '@jest/globals';
import { isLoopback, playerAddress } from './player-address.ts';

describe('playerAddress', () => {
  it('puts the login into the address', () => {
    expect(playerAddress('rtsp://192.0.2.7:8554/door', 'anna', 'cpl_x-1')).toBe(
      'rtsp://anna:cpl_x-1@192.0.2.7:8554/door',
    );
    expect(playerAddress('rtsps://[2001:db8::7]:8322/door', 'anna@home', 'cpl_x')).toBe(
      'rtsps://anna%40home:cpl_x@[2001:db8::7]:8322/door',
    );
  });

  it('is null while the camera has no address', () => {
    expect(playerAddress('', 'anna', 'cpl_x')).toBeNull();
  });
});

describe('isLoopback', () => {
  it.each([
    ['rtsp://127.0.0.1:8554/door', true],
    ['rtsp://anna:cpl_x@127.0.0.1:8554/door', true],
    ['http://localhost:8080', true],
    ['http://[::1]:8080', true],
    ['http://192.0.2.7:8080', false],
    ['http://127.example.com', false],
    ['https://cameras.example', false],
  ])('of %s is %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
