import type { ServerName, StreamName } from '../../src/units/ids.ts';

/** What a finding is about: chooses the part of the trace that is printed with it. */
export interface About {
  readonly servers?: readonly ServerName[];
  readonly stream?: StreamName | undefined;
}

/** A promise of the core that did not hold in a simulated world. Thrown: the first one ends its world. */
export class Finding extends Error {
  readonly checker: string;
  readonly about: About;

  constructor(checker: string, message: string, about: About = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Finding';
    this.checker = checker;
    this.about = about;
  }
}
