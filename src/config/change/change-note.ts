import { directives } from '../language/directives.ts';
import type { Config, PeerConfig, StreamConfig } from '../model/config.ts';
import type { Change } from './diff.ts';

/** A change as it is told: whose, and the directives that say otherwise now. Never their values, which may be secret. */
export interface ChangeNote {
  readonly kind: Change['type'];
  /** Of the stream or peer; absent for what stands outside all blocks. */
  readonly name: string | undefined;
  /** As they are written; empty for what was added or removed. */
  readonly directives: readonly string[];
}

type Field = keyof Config | keyof StreamConfig | keyof PeerConfig;

/** Fields that are not called as their directive. */
const directiveOf: Partial<Record<Field, string>> = {
  sources: directives.url.name,
  host: directives.address.name,
  port: directives.address.name,
};

export function noteOf(change: Change): ChangeNote {
  const kind = change.type;
  switch (change.type) {
    case 'stream-added':
      return { kind, name: change.stream.name, directives: [] };
    case 'peer-added':
      return { kind, name: change.peer.name, directives: [] };
    case 'stream-removed':
    case 'peer-removed':
      return { kind, name: change.name, directives: [] };
    case 'stream-changed':
      return { kind, name: change.stream.name, directives: names(change.fields) };
    case 'peer-changed':
      return { kind, name: change.peer.name, directives: names(change.fields) };
    case 'setting-changed':
      return { kind, name: undefined, directives: names([change.field]) };
  }
}

/** `stream cam03 added`, `peer s01 changed: address`, `failback_delay changed` */
export function phraseOf({ kind, name, directives: changed }: ChangeNote): string {
  if (name === undefined) return `${changed.join(', ')} changed`;
  const what = `${kind.replace(/-.*/, '')} ${name} ${kind.replace(/.*-/, '')}`;
  return changed.length === 0 ? what : `${what}: ${changed.join(', ')}`;
}

function names(fields: readonly Field[]): string[] {
  return [...new Set(fields.map((field) => directiveOf[field] ?? directiveNamed(field)))];
}

function directiveNamed(field: Field): string {
  return field in directives ? directives[field as keyof typeof directives].name : field;
}
