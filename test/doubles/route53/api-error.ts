// How the service says no: an HTTP status, a code and a message, in the form of its REST-XML protocol.
// "Common Errors", https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html
import { NAMESPACE } from './model.ts';
import { escapeXml, renderElement } from './xml.ts';

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** One for each fault of a change batch. */
  readonly messages: readonly string[];

  constructor(status: number, code: string, ...messages: readonly string[]) {
    super(messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`);
    this.status = status;
    this.code = code;
    this.messages = messages;
  }
}

/**
 * The service has been seen with two bodies for InvalidChangeBatch: the common one, with all messages in brackets, and the one
 * of the published model, with an element for each.
 */
export type InvalidBatchForm = 'common' | 'modelled';

export function renderError(error: ApiError, requestId: string, form: InvalidBatchForm): string {
  const id = renderElement('RequestId', requestId);
  if (error.code === 'InvalidChangeBatch' && form === 'modelled') {
    const messages = error.messages.map((message) => renderElement('Message', escapeXml(message))).join('');
    return `<?xml version="1.0"?>\n${renderElement(error.code, renderElement('Messages', messages) + id, { xmlns: NAMESPACE })}`;
  }
  const text = error.code === 'InvalidChangeBatch' ? `[${error.messages.join(', ')}]` : error.message;
  const parts = [
    renderElement('Type', error.status < 500 ? 'Sender' : 'Receiver'),
    renderElement('Code', escapeXml(error.code)),
    renderElement('Message', escapeXml(text)),
  ];
  const inner = renderElement('Error', parts.join('')) + id;
  return `<?xml version="1.0"?>\n${renderElement('ErrorResponse', inner, { xmlns: NAMESPACE })}`;
}
