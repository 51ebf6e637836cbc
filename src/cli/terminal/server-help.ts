const where = `
URL is HOST, HOST:PORT or http://HOST:PORT; without it http://127.0.0.1:8080 is asked.`;

/** Behind the options of a command that only looks. */
export const lookHelp = where;

/** Behind the options of a command that changes state. */
export const verbHelp = `${where}

A server with edit_auth in its configuration wants its user and password: HEADWATER_EDIT_AUTH=USER:PASSWORD in the environment,
or http://USER:PASSWORD@HOST:PORT, which whoever lists this machine's processes sees. One without takes changes from its own machine only.`;
