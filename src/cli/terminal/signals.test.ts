import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Signals } from './signals.ts';

describe('signals', () => {
  test('that come before the server runs are heeded when it does', async () => {
    const process = new EventEmitter();
    const signals = new Signals(process);
    process.emit('SIGHUP');
    process.emit('SIGTERM');
    let reloads = 0;
    signals.onReload(() => reloads++);
    expect(reloads).toBe(1);
    await signals.end();
    process.emit('SIGHUP');
    expect(reloads).toBe(2);
  });

  test('to end are told apart: the second is another', async () => {
    const process = new EventEmitter();
    const signals = new Signals(process);
    const seen: string[] = [];
    const first = signals.end().then(() => seen.push('first'));
    const second = signals.end().then(() => seen.push('second'));
    process.emit('SIGINT');
    await first;
    expect(seen).toEqual(['first']);
    process.emit('SIGTERM');
    await second;
    expect(seen).toEqual(['first', 'second']);
  });
});
