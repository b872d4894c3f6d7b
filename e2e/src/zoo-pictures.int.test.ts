import { testZoo } from './zoo/test-zoo.ts';

testZoo('pictures');
