/** The exceptions for values of a wrong type, in workerd's words. */

/** Of a method's argument: `index` counts from 1. */
export function wrongParameter(index: number, method: string, Interface: string, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${Interface}': parameter ${index} is not of type '${type}'.`,
  );
}

/** Of a member of a dictionary. */
export function wrongField(field: string, dictionary: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${field}' field on '${dictionary}': the provided value is not of type '${type}'.`,
  );
}
