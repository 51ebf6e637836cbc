import type { MakeChecker } from './checker.ts';
import { doubleCapture } from './double-capture.ts';
import { failbackPace } from './failback-pace.ts';
import { handoverLimit } from './handover-limit.ts';
import { healthyStays } from './healthy-stays.ts';
import { homes } from './homes.ts';
import { noFlapping } from './no-flapping.ts';
import { ownersTold } from './owners-told.ts';
import { patience } from './patience.ts';
import { promptness } from './promptness.ts';
import { seamless } from './seamless.ts';
import { takeover } from './takeover.ts';
import { unattended } from './unattended.ts';

/** All that is held at every moment, beside the contract of events and effects and the convergence of each phase. */
export const checkers: readonly MakeChecker[] = [
  doubleCapture,
  unattended,
  takeover,
  healthyStays,
  patience,
  seamless,
  noFlapping,
  failbackPace,
  handoverLimit,
  promptness,
  homes,
  ownersTold,
];
