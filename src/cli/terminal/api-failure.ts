/** What a command ends with when the server could not do it. The message has no secret. */
export class ApiFailure extends Error {
  /** 1: the user's input is wrong; 2: it failed at run time. */
  readonly exitCode: 1 | 2;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    exitCode: 1 | 2,
    message: string,
    more: { readonly hint?: string | undefined; readonly detail?: Readonly<Record<string, unknown>> | undefined } = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.hint = more.hint;
    this.detail = more.detail ?? {};
  }
}
