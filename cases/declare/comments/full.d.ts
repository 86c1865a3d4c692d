declare namespace comments {
 /** *\/ } declare namespace other { /*
 second line
 ts-expect-error */
 function f(input: {
  /** *\/ evil(); /* */ a: string;
  /**  / starts with a slash */ b?: string;
  /** line separator andcontrol */ c?: string;
  /** @default "*\/" @format *\/x @pattern ^.*\/$ */ d?: string;
  /** ts-ignore */ e?: string;
  /** ends with * */ f?: string;
  g?: "*/ `${x}` \u2028";
  /** xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… */ h?: string;
  i?: string;
 }): Promise<unknown>;
 /** # Heading
 First sentence, e.g. this one. Second sentence. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. More words. */
 function g(input?: {a?: string}): Promise<unknown>;
}
