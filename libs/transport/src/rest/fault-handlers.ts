import { STATUS_CODES } from 'node:http';
import { status } from '@grpc/grpc-js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { answerInJson, errorBody } from './error-answer.js';

/** Options of Fastify that give the contract's shape to requests that never become one. */
export const FAULT_HANDLERS = {
  /** The URL cannot be decoded. */
  frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply): void => {
    answerInJson(reply, { code: status.INVALID_ARGUMENT, message: error.message });
  },

  /** What came is not HTTP, or its headers are too long or too late. */
  clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const http = HTTP_STATUS[error.code ?? ''] ?? 400;
    const body = errorBody({ code: status.INVALID_ARGUMENT, message: STATUS_CODES[http] ?? '' });
    socket.end(
      `HTTP/1.1 ${http} ${STATUS_CODES[http]}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  },
};

const HTTP_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
