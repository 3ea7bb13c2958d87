import type { FastifyReply } from 'fastify';
import { httpStatusOf, type Status } from '../errors/status.js';

export function answerInJson(reply: FastifyReply, answer: Status): void {
  void reply.status(httpStatusOf(answer)).type('application/json').send(errorBody(answer));
}

export function errorBody({ code, message }: Status): string {
  return JSON.stringify({ code, message, details: [] });
}
