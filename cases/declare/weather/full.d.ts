declare namespace weather {
 /** The weather in a city. Works anywhere on Earth.
 Returns a forecast. */
 function get_weather(input: {
  /** The city. May be e.g. a village too. */ city: string;
  /** @default 3 @minimum 1 @maximum 14 */ days?: number;
  /** @default "metric" */ units?: "metric" | "imperial";
  /** @deprecated @format date-time */ at?: string;
 }): Promise<{celsius: number; sky: "clear" | "cloudy"}>;
 /** All known cities
 @returns observed in earlier calls, not declared */
 function list_cities(input?: {}): Promise<{name: string; population?: number}[]>;
 function ping(input?: Record<string, unknown>): Promise<unknown>;
}
