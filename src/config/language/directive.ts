import type { ValueType } from '../values/value-type.ts';

/** Where a directive stands: outside all blocks, or in a block of this kind. */
export type Place = 'file' | 'peer' | 'stream' | 'template';

/** One line of the table in `directives.ts`. */
export interface Directive<A extends Arguments = Arguments, O extends Options = Options> {
  readonly name: string;
  /** Other words for the same. */
  readonly aliases: readonly string[];
  readonly places: readonly Place[];
  readonly args: A;
  readonly options: O;
  /** The kind of block that it opens. */
  readonly block: Place | undefined;
  /** A block must follow, may follow; without `block` none may. */
  readonly blockRequired: boolean;
  /** May stand several times in one block. */
  readonly many: boolean;
  /** Its arguments are never shown. */
  readonly secret: boolean;
  /** In force when the directive is absent; read by the type of the first argument. */
  readonly fallback: string | undefined;
  /** What holds when it is absent, where that is no value of its own. */
  readonly absent: string | undefined;
  readonly sentence: string;
  /** A line or block as it may stand in a file. */
  readonly example: string;
  /** Known, but this version does not do it: the line has no effect. */
  readonly later: boolean;
}

export type Arguments = readonly ValueType<unknown>[];

export interface Option<T = unknown> {
  readonly type: ValueType<T>;
  readonly sentence: string;
  readonly fallback?: string;
  readonly later?: boolean;
}

export type Options = Readonly<Record<string, Option>>;

type Described = Pick<Directive, 'name' | 'places' | 'sentence' | 'example'>;

/** A line of the table; what is not said is: no arguments, no options, no block, once, no secret, no default. */
export function directive<const A extends Arguments = readonly [], const O extends Options = Record<never, Option>>(
  line: Described & Partial<Omit<Directive<A, O>, keyof Described>>,
): Directive<A, O> {
  return {
    aliases: [],
    block: undefined,
    blockRequired: false,
    many: false,
    secret: false,
    fallback: undefined,
    absent: undefined,
    later: false,
    ...line,
    // Absent only where the type parameters took their defaults, which these are.
    args: line.args ?? ([] as Arguments as A),
    options: line.options ?? ({} as Options as O),
  };
}

type ValueOf<T> = T extends ValueType<infer V> ? V : never;
export type ValuesOf<A extends Arguments> = { readonly [K in keyof A]: ValueOf<A[K]> };
export type OptionValuesOf<O extends Options> = { readonly [K in keyof O]?: ValueOf<O[K]['type']> };
