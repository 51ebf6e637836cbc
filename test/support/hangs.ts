/**
 * What takes longer, in milliseconds, hangs. Far more than anything takes that is waited for, also on a machine with other things to do: how
 * soon something must happen is said by what a test expects of it.
 */
export const hangs = 60_000;
