import { describe, expect, test } from 'vitest';
import { serverName } from '../../units/ids.ts';
import { fileName, fillName } from './fill-name.ts';

describe('fileName', () => {
  test.each([
    ['s01.myhosting.com', 's01.myhosting.com'],
    ['127.0.0.1:8081', '127.0.0.1_8081'],
    ['[::1]:8081', '___1__8081'],
    ['../../etc', '_/../etc'.replaceAll('/', '_')],
    ['..', '_'],
    ['', '_'],
    ['a b\u0000', 'a_b_'],
  ])('%s', (name, file) => {
    expect(fileName(serverName(name))).toBe(file);
  });
});

describe('fillName', () => {
  test('fills every placeholder, and takes the name as it is', () => {
    expect(fillName(`/a/\${name}/\${name}.log`, serverName('s$&1:2'))).toBe('/a/s__1_2/s__1_2.log');
    expect(fillName('/a', serverName('s01'))).toBe('/a');
  });
});
