declare namespace bytes {
 function put(input: {body: string | Uint8Array; text?: string; evil?: string}): Promise<{contentType: string; data: Uint8Array}>;
}
