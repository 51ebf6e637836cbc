import { describe, expect, it } from 'vitest';
import { Scope } from './scope.ts';

const ignore = (): void => {};

describe('a scope', () => {
  it('closes in reverse order, once, and only after what it spawned has ended', async () => {
    const order: string[] = [];
    const scope = new Scope();
    scope.defer(() => void order.push('first'));
    scope.defer(async () => {
      await Promise.resolve();
      order.push('second');
    });
    scope.spawn(async (signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.resolve();
      order.push('task');
    }, ignore);
    await Promise.all([scope.close(), scope.close()]);
    expect(order.toSorted()).toEqual(['first', 'second', 'task']);
    expect(order.indexOf('second')).toBeLessThan(order.indexOf('first'));
  });

  it('does all the rest when a cleanup fails, and then fails', async () => {
    const done: string[] = [];
    const scope = new Scope();
    scope.defer(() => void done.push('rest'));
    scope.defer(() => Promise.reject(new Error('broken')));
    await expect(scope.close()).rejects.toThrow('broken');
    expect(done).toEqual(['rest']);
  });

  it('tells what a task throws, unless the scope is closing', async () => {
    const errors: unknown[] = [];
    const scope = new Scope();
    scope.spawn(
      () => Promise.reject(new Error('early')),
      (error) => errors.push(error),
    );
    await Promise.resolve();
    scope.spawn(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
      (error) => errors.push(error),
    );
    await scope.close();
    expect(errors).toEqual([new Error('early')]);
  });

  it('cleans up at once what comes too late', async () => {
    const scope = new Scope();
    await scope.close();
    let cleaned = false;
    scope.defer(() => {
      cleaned = true;
    });
    expect(cleaned).toBe(true);
  });
});
