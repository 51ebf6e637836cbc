import type { z } from 'zod';
import { errorSchema } from '../../api/schema.ts';

/** Where a server without another address listens. */
const defaultUrl = 'http://127.0.0.1:8080';

/** A look is answered from memory: whoever needs longer is frozen or overloaded, and that is the news. */
const lookWithinMs = 5_000;
/** A verb may wait until streams are given away; nothing takes longer. */
const verbWithinMs = 40_000;

/** What a command ends with when the server could not do it. The message has no secret. */
export class ApiFailure extends Error {
  /** 1: the user's input is wrong; 2: it failed at run time. */
  readonly exitCode: 1 | 2;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(exitCode: 1 | 2, message: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.exitCode = exitCode;
    this.detail = detail;
  }
}

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
    if (!response.ok) throw refused(response.status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new ApiFailure(2, `${this.#base.origin} does not answer like a Headwater server`);
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
      throw new ApiFailure(2, `no answer from ${this.#base.origin}: ${reason(error, withinMs)}`);
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

function refused(status: number, body: unknown): ApiFailure {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return new ApiFailure(2, `the server answered with status ${status}`);
  const { message, detail } = parsed.data.error;
  return new ApiFailure(status < 500 ? 1 : 2, message, detail);
}

function reason(error: unknown, withinMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `nothing within ${withinMs / 1000} s; the server is frozen, overloaded or cut off`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}
