import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Addresses } from './name-lookups.ts';

/** Rejects with an error that has the system's `code`. */
export type Find = (name: string) => Promise<Addresses>;

/** As connections want it. An address in the place of a name is connected to without asking. */
export function lookupBy(find: Find): LookupFunction {
  return (name, options, callback) => {
    find(name).then(
      (addresses) => {
        const fitting = addresses.filter(({ family }) => !isOther(family, options.family));
        const [first] = fitting;
        if (first === undefined) callback(notFound(name), '', 0);
        else if (options.all === true) callback(null, fitting);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

function isOther(family: LookupAddress['family'], wanted: number | string | undefined): boolean {
  if (wanted === undefined || wanted === 0) return false;
  return String(wanted).replace('IPv', '') !== String(family);
}

function notFound(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${name} has no address of that family`), { code: 'ENOTFOUND' });
}
