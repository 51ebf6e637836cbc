import type { LookupFunction } from 'node:net';
import type { RunInput } from '../../capture/source/input.ts';
import type { SourceConfig } from '../../config/model/config.ts';
import type { Clock } from '../../units/clock.ts';
import { fileInput } from './file.ts';
import { mpegtsHttpInput } from './mpegts-http.ts';
import type { Reading } from './read-pace.ts';
import { rtspInput } from './rtsp.ts';

/** Every protocol that can be captured. Another one begins with a scheme in `config/values/source-url.ts`, and with a line here. */
export function createRunInput(clock: Clock, reading: Reading, lookup: LookupFunction): RunInput {
  const inputs = {
    rtsp: rtspInput(clock, reading, lookup),
    'mpegts-http': mpegtsHttpInput(clock, reading, lookup),
    file: fileInput(clock),
  } satisfies Record<SourceConfig['protocol'], RunInput>;
  return (request) => inputs[request.source.protocol](request);
}
