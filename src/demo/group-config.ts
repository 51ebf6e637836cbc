/** One server of the demonstration: the name in the configuration and the loopback port that it serves everything on. */
export interface DemoServer {
  readonly name: string;
  readonly port: number;
}

export interface DemoCamera {
  readonly name: string;
  readonly url: string;
}

/**
 * The configuration that all demonstration servers share, as an operator would write it.
 * The first two cameras are bound to the first server, the rest is spread evenly.
 */
export function groupConfig(options: {
  readonly servers: readonly DemoServer[];
  readonly cameras: readonly DemoCamera[];
  readonly key: string;
  readonly stateDir: string;
}): string {
  const pinnedTo = options.servers[0]?.name;
  return [
    `# The same file for every server of the group.`,
    `cluster_key ${options.key};`,
    `state_dir "${options.stateDir}/\${name}";`,
    '',
    ...options.servers.map((server) => `peer ${server.name} { address 127.0.0.1:${server.port}; }`),
    '',
    ...options.cameras.map((camera, index) => {
      const where = index < 2 && pinnedTo !== undefined ? ` capture_at=${pinnedTo}` : '';
      return `stream ${camera.name} { url ${camera.url}; cluster_ingest${where}; }`;
    }),
    '',
  ].join('\n');
}
