/** A server's name in the configuration: its identity in the group. */
export type ServerName = string & { readonly __id: 'server' };

/** A stream's name in the configuration: one or more URL path segments, checked by `config/`. */
export type StreamName = string & { readonly __id: 'stream' };

/** One life of a server process: larger than that of every earlier life of the same server. */
export type Incarnation = number & { readonly __id: 'incarnation' };

export const serverName = (text: string): ServerName => text as ServerName;
export const streamName = (text: string): StreamName => text as StreamName;
export const incarnation = (value: number): Incarnation => value as Incarnation;
