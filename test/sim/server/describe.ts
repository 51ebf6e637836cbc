import type { Effect } from '../../../src/cluster/step/effect.ts';
import type { Event } from '../../../src/cluster/step/event.ts';
import type { StreamName } from '../../../src/units/ids.ts';

interface Told {
  readonly text: string;
  readonly stream?: StreamName;
}

/** What of a core's events belongs into a story; undefined: too frequent. */
export function describeEvent(event: Event): Told | undefined {
  switch (event.type) {
    case 'capture':
      return { text: `· ${event.fact.kind} (attempt ${event.attempt})`, stream: event.stream };
    case 'poll-failed':
      return { text: `· poll of ${event.peer} failed: ${event.reason}` };
    case 'probe-result':
      return { text: `· probe of ${event.target}: ${event.result}` };
    case 'witness-result':
      return { text: `· witness ${event.witness} on ${event.target}: ${event.result}` };
    case 'config':
      return { text: `· configuration ${event.config.digest}` };
    case 'drain':
    case 'undrain':
    case 'leave':
      return { text: `· asked to ${event.type}` };
    default:
      return undefined;
  }
}

/** The same for a core's effects. */
export function describeEffect(effect: Effect): Told | undefined {
  switch (effect.type) {
    case 'start': {
      const from = effect.from === undefined ? '' : ` from ${effect.from}`;
      return { text: `START ${effect.attempt}${from}: ${effect.cause}`, stream: effect.stream };
    }
    case 'stop': {
      const to = effect.to === undefined ? '' : ` to ${effect.to}`;
      return { text: `STOP ${effect.attempt}${to}: ${effect.cause}`, stream: effect.stream };
    }
    case 'probe':
      return { text: `probes ${effect.target}` };
    case 'ask-witness':
      return { text: `asks ${effect.witness} about ${effect.target}` };
    case 'reincarnate':
    case 'left':
      return { text: effect.type.toUpperCase() };
    case 'notice': {
      const { kind, ...rest } = effect.notice;
      const fields = Object.entries(rest).filter(([name]) => name !== 'stream');
      const text = `says ${kind} ${fields.map(([name, value]) => `${name}=${value}`).join(' ')}`;
      return 'stream' in effect.notice ? { text, stream: effect.notice.stream } : { text };
    }
    default:
      return undefined;
  }
}
