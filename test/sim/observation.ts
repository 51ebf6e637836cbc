import type { Cause } from '../../src/cluster/message/cause.ts';
import type { CaptureFact } from '../../src/cluster/step/event.ts';
import type { ClusterNotice } from '../../src/cluster/step/notice.ts';
import type { ServerName, StreamName } from '../../src/units/ids.ts';

/** How a life of a process ended. `left`: it said goodbye. `stood-still`: the core asked for a new life. */
export type Ending = 'killed' | 'power' | 'left' | 'stood-still';

/** What the checkers see of the world, at the moment it happens. */
export type Observation =
  | { readonly type: 'process-began'; readonly server: ServerName }
  | { readonly type: 'process-ended'; readonly server: ServerName; readonly how: Ending }
  | { readonly type: 'frozen' | 'thawed' | 'drain' | 'undrain' | 'leave' | 'config'; readonly server: ServerName }
  | {
      readonly type: 'start';
      readonly server: ServerName;
      readonly stream: StreamName;
      readonly from: ServerName | undefined;
      readonly cause: Cause;
    }
  | {
      readonly type: 'stop';
      readonly server: ServerName;
      readonly stream: StreamName;
      readonly to: ServerName | undefined;
      readonly cause: Cause;
      /** Frames flowed until now, and the core knew. */
      readonly flowed: boolean;
    }
  /** The core learns of it now. */
  | { readonly type: 'fact'; readonly server: ServerName; readonly stream: StreamName; readonly fact: CaptureFact }
  | { readonly type: 'flow'; readonly server: ServerName; readonly stream: StreamName; readonly flows: boolean }
  | { readonly type: 'owners-changed'; readonly server: ServerName; readonly streams: readonly StreamName[] }
  | { readonly type: 'notice'; readonly server: ServerName; readonly notice: ClusterNotice };
