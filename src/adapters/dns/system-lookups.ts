import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { Clock } from '../../units/clock.ts';
import { millis } from '../../units/time.ts';
import { NameLookups, type Resolve } from './name-lookups.ts';

/** libuv's threads in all threads of the process together, when UV_THREADPOOL_SIZE does not say otherwise. */
const usualThreads = 4;

/** A name server in the same network answers in a few milliseconds; an exchange with a peer must not wait for one that is dead. */
const peerPatience = millis(300);

/** getaddrinfo(3), as connections do by themselves: hosts file, search domains, all of nsswitch.conf. It can't be cancelled. */
const resolve: Resolve = (name) => lookup(name, { all: true, hints: ADDRCONFIG });

export interface SystemLookups {
  readonly peers: NameLookups;
  readonly sources: NameLookups;
}

/** For a whole process: its threads share libuv's pool, which gives at most half of itself to look-ups; of these one stays for peers. */
export function systemLookups(clock: Clock): SystemLookups {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || usualThreads;
  const forSources = Math.max(1, Math.floor((threads + 1) / 2) - 1);
  return {
    peers: new NameLookups({ clock, resolve, most: Number.POSITIVE_INFINITY, patience: peerPatience }),
    sources: new NameLookups({ clock, resolve, most: forSources }),
  };
}
