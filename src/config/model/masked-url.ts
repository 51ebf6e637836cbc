import { maskUrl } from '../../units/mask-url.ts';
import type { SourceConfig } from './config.ts';

const masked = new WeakMap<SourceConfig, string>();

/** A source's url for display. Parsed once for each configuration: a list of thousands of streams is read every few seconds. */
export function maskedUrl(source: SourceConfig): string {
  const known = masked.get(source);
  if (known !== undefined) return known;
  const url = maskUrl(source.url);
  masked.set(source, url);
  return url;
}
