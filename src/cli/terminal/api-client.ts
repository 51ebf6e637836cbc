import type { z } from 'zod';
import { errorSchema } from '../../api/schema.ts';
import { ApiFailure } from './api-failure.ts';
import { unanswered } from './unanswered.ts';

type ErrorBody = z.infer<typeof errorSchema>['error'];

/** Where a server without another address listens. */
const defaultUrl = 'http://127.0.0.1:8080';

/** A look is answered from memory: whoever needs longer is frozen or overloaded, and that is the news. */
const lookWithinMs = 5_000;
/** A verb may wait until streams are given away; nothing takes longer. */
const verbWithinMs = 40_000;

/** A running server's API. Credentials of `edit_auth` come with the URL or in HEADWATER_EDIT_AUTH as `user:password`. */
export class ApiClient {
  readonly #base: URL;
  readonly #credentials: string | undefined;

  /** Throws `ApiFailure` when the text is no URL, or its credentials are badly escaped. */
  constructor(url: string | undefined, environment: { readonly HEADWATER_EDIT_AUTH?: string | undefined }) {
    this.#base = parseUrl(url ?? defaultUrl);
    const { username, password } = this.#base;
    const fromUrl = username === '' ? undefined : `${decode(username)}:${decode(password)}`;
    this.#credentials = fromUrl ?? environment.HEADWATER_EDIT_AUTH;
    this.#base.username = '';
    this.#base.password = '';
  }

  get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
    return this.#ask('GET', path, schema);
  }

  post<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
    return this.#ask('POST', path, schema);
  }

  async #ask<T extends z.ZodType>(method: string, path: string, schema: T): Promise<z.infer<T>> {
    const response = await this.#fetch(method, path);
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = schema.safeParse(body);
    // An answer of its own shape may have another status: `/readyz`.
    if (parsed.success && (response.ok || response.status === 503)) return parsed.data;
    const failure = errorSchema.safeParse(body);
    if (!response.ok && failure.success) throw this.#refused(response.status, failure.data.error);
    const what = 'no Headwater server, or a proxy in front of one';
    throw new ApiFailure(
      2,
      `${this.#base.origin} is ${what}: status ${response.status} for ${path}, and no answer of ours`,
    );
  }

  #refused(status: number, { code, message, detail }: ErrorBody): ApiFailure {
    return new ApiFailure(status < 500 ? 1 : 2, message, { hint: this.#hintFor(code), detail });
  }

  #hintFor(code: string): string | undefined {
    if (code === 'edit-from-loopback-only')
      return 'run the command on that server, or set edit_auth in its configuration';
    if (code !== 'edit-auth-required') return undefined;
    return this.#credentials === undefined
      ? 'HEADWATER_EDIT_AUTH=USER:PASSWORD in the environment gives them, or http://USER:PASSWORD@HOST:PORT'
      : 'those that were given, by HEADWATER_EDIT_AUTH or the URL, are others';
  }

  async #fetch(method: string, path: string): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.#credentials !== undefined)
      headers.authorization = `Basic ${Buffer.from(this.#credentials).toString('base64')}`;
    const withinMs = method === 'GET' ? lookWithinMs : verbWithinMs;
    try {
      const signal = AbortSignal.timeout(withinMs);
      return await fetch(new URL(path, this.#base), { method, headers, signal });
    } catch (error) {
      throw unanswered(this.#base, error, withinMs);
    }
  }
}

function parseUrl(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  // A bare host means a server where the configuration says nothing else; a whole URL means what it says.
  if (url !== undefined && withScheme !== text && !/:\d+\/?$/.test(text)) url.port = '8080';
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ApiFailure(1, `this is no URL of a server, such as ${defaultUrl}`);
  return url;
}

/** Of the credentials in a URL. The message leaves them out. */
function decode(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw new ApiFailure(1, "the URL's user or password has a % that escapes no character; write % itself as %25");
  }
}
