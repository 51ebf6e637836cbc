import type { MediaSink } from '../../media/track.ts';

export interface GuardedSink extends MediaSink {
  /** Nothing passes any more. */
  shut(): void;
}

/** Keeps a fault of this program in the one input that met it: inputs call their sink from socket events, where a throw ends the worker. */
export function guarded(sink: MediaSink, fault: (error: unknown) => void): GuardedSink {
  let shut = false;
  const failed = (error: unknown): void => {
    shut = true;
    fault(error);
  };
  const guard = (call: () => void): void => {
    if (shut) return;
    try {
      call();
    } catch (error) {
      failed(error);
    }
  };
  return {
    tracks: (tracks, unsupported) => guard(() => sink.tracks(tracks, unsupported)),
    frame: (frame) => {
      if (shut) return;
      // Not by `guard`: a function made anew for each frame is called slowly.
      try {
        sink.frame(frame);
      } catch (error) {
        failed(error);
      }
    },
    damage: (damage) => guard(() => sink.damage(damage)),
    shut: () => {
      shut = true;
    },
  };
}
