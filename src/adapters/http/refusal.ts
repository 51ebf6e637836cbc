import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseTarget } from '../../delivery/route/target.ts';
import { AppError } from '../../units/app-error.ts';
import { splitUrl } from './viewer.ts';

/** Why a request that no route takes fails: nothing is at its address, or what is there takes other methods. */
export function refusal(app: FastifyInstance, request: FastifyRequest): AppError {
  const { path } = splitUrl(request);
  const methods = methodsOf(app, path);
  if (methods.length === 0) return new AppError('not-found', 'there is nothing at this address');
  const allow = methods.join(', ');
  return new AppError('method-not-allowed', `this address takes ${allow}, not ${request.method}`, {
    detail: { allow },
  });
}

function methodsOf(app: FastifyInstance, path: string): string[] {
  const methods = ['GET', 'HEAD', 'POST'].filter((method) => app.hasRoute({ method, url: path }));
  if (methods.length === 0 && parseTarget(path) !== undefined) methods.push('GET', 'HEAD');
  return methods.length === 0 ? [] : [...methods, 'OPTIONS'];
}
