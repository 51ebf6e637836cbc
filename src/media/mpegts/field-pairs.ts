// ITU-T H.264 clause 3.30: the two fields of a frame are access units of their own, and one frame to files and players.
import type { Ticks } from '../../units/ticks.ts';
import { nal, nalType } from '../codec/h264.ts';
import { type FieldPicture, isSecondField } from '../codec/h264-fields.ts';

export interface Picture {
  readonly dts: Ticks;
  readonly pts: Ticks;
  readonly keyframe: boolean;
  readonly units: readonly Uint8Array[];
}

/** Joins the fields of a frame; whole frames pass through. Holds a copy of one field. */
export class FieldPairs {
  readonly #deliver: (picture: Picture) => void;
  #first: { readonly picture: Picture; readonly field: FieldPicture } | undefined;

  constructor(deliver: (picture: Picture) => void) {
    this.#deliver = deliver;
  }

  /** Whether the units complete the frame that waits, which is then delivered; the second field has no time of its own. */
  completes(units: readonly Uint8Array[], field: FieldPicture | undefined): boolean {
    const first = this.#first;
    if (first === undefined || field === undefined || !isSecondField(first.field, field)) return false;
    this.#first = undefined;
    const second = units.filter((unit) => nalType(unit) !== nal.delimiter);
    this.#deliver({ ...first.picture, units: [...first.picture.units, ...second] });
    return true;
  }

  push(picture: Picture, field: FieldPicture | undefined): void {
    this.flush();
    if (field === undefined) this.#deliver(picture);
    else this.#first = { picture: { ...picture, units: picture.units.map((unit) => unit.slice()) }, field };
  }

  /** A field whose second half doesn't come is a picture by itself. */
  flush(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.#deliver(first.picture);
  }
}
