import type { SegmentLocation } from '../../facts/protocol.ts';
import type { Target } from './target.ts';

/** A viewer's request, freed of HTTP. */
export interface ViewerRequest {
  readonly target: Target;
  /** Without `?`, as it came. */
  readonly query: string;
  /** Aborted when the viewer leaves. A function, for most requests are answered before anybody needs it. */
  readonly signal: () => AbortSignal;
}

/** What to send. Failures are thrown as `AppError`. */
export type Answer =
  | { readonly kind: 'playlist'; readonly body: Uint8Array }
  | { readonly kind: 'init'; readonly body: Uint8Array }
  | { readonly kind: 'page'; readonly html: string }
  | { readonly kind: 'segment'; readonly location: SegmentLocation }
  | { readonly kind: 'redirect'; readonly location: string };
