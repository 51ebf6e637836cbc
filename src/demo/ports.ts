import { createServer } from 'node:net';

/** The wished loopback ports where they are free, else ones that the system chose; all different. */
export async function freePorts(wished: readonly number[]): Promise<number[]> {
  const taken: { port: number; release: () => Promise<void> }[] = [];
  for (const port of wished) taken.push((await tryPort(port)) ?? (await anyPort()));
  await Promise.all(taken.map((entry) => entry.release()));
  return taken.map((entry) => entry.port);
}

async function anyPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const entry = await tryPort(0);
  if (entry === undefined) throw new Error('no loopback port is free');
  return entry;
}

/** Holds the port until released, so that the next search does not find it again. */
function tryPort(port: number): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve({ port: bound, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
