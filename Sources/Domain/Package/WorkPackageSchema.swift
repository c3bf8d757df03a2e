/// The published JSON Schema of a work package.
package enum WorkPackageSchema {
  package static let id = "https://sluice.example/schema/work-package/1"

  /// What `WorkPackage.read` refuses and a schema cannot say.
  package static let unsaid = [
    "lengths are counted in bytes of UTF-8, not in characters",
    "a timestamp is a day and a time that exist",
    "a path stands in one of the three lists of changes only",
    "test_failures is not more than test_count",
    "an integer is written without a fraction, an exponent or a minus before 0",
    "names are unique in an object; nesting, count of values, length of strings and size of the text are limited",
    "diff_package is limited in its decoded size",
    "the lists of changes equal the real difference of the pushed work",
  ]

  /// JSON Schema 2020-12; the same table that the reader checks by, written down.
  package static let json: JSONValue = {
    var schema: JSONObject = [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": .string(id),
      "$comment": .string(
        "A package that fits this schema is still refused unless " + unsaid.joined(separator: "; ") + "."),
      "title": "Work package",
      "description": "What an agent submits with its work; fields that are not named here are kept and not used.",
    ]
    for member in PackageRule.object(PackageFormat.package).schema.members { schema[member.name] = member.value }
    return .object(schema)
  }()
}

extension PackageRule {
  /// The rule in the words of JSON Schema.
  var schema: JSONObject {
    switch self {
    case .object(let fields): return objectSchema(fields)
    case .exactly(let text): return ["const": .string(text)]
    case .identifier:
      return [
        "type": "string", "minLength": 1, "maxLength": .integer(PackageText.identifierMax), "pattern": "[^ ]",
        "not": ["pattern": .string("[\(Self.controls)\(Self.directions)]")],
      ]
    case .timestamp: return ["type": "string", "format": "date-time", "pattern": .string(Self.timestampPattern)]
    case .version:
      return [
        "type": "string", "maxLength": .integer(PackageText.identifierMax), "pattern": .string(Self.versionPattern),
      ]
    case .commit:
      return ["type": "string", "minLength": 40, "maxLength": 40, "pattern": "^(?!0{40})[0-9a-f]{40}$"]
    case .text: return ["type": "string", "not": ["pattern": .string(Self.proseExcluded)]]
    case .description:
      return ["type": "string", "pattern": "[^ \\t\\n\\r]", "not": ["pattern": .string(Self.proseExcluded)]]
    case .texts: return ["type": "array", "items": .object(PackageRule.text.schema)]
    case .paths: return ["type": "array", "uniqueItems": true, "items": .object(Self.pathSchema)]
    case .boolean: return ["type": "boolean"]
    case .isTrue: return ["const": true]
    case .count: return ["type": "integer", "minimum": 0, "maximum": .integer(Int64.max)]
    case .zero: return ["type": "integer", "const": 0]
    case .number:
      return ["type": "number", "minimum": Self.number("-\(Self.largest)"), "maximum": Self.number(Self.largest)]
    case .seconds: return ["type": "number", "minimum": 0, "maximum": Self.number(Self.largest)]
    case .base64:
      return ["type": "string", "contentEncoding": "base64", "pattern": .string(Self.base64Pattern)]
    }
  }

  private func objectSchema(_ fields: [PackageFormat.Field]) -> JSONObject {
    var properties = JSONObject()
    for field in fields {
      var property: JSONObject = ["description": .string(field.description)]
      for member in field.rule.schema.members { property[member.name] = member.value }
      properties[field.name] = .object(property)
    }
    var schema: JSONObject = ["type": "object"]
    let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { schema["required"] = .array(required) }
    schema["properties"] = .object(properties)
    return schema
  }

  private static let controls = #"\u0000-\u001f\u007f-\u009f\u2028\u2029"#
  private static let directions = #"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"#
  private static let proseExcluded =
    #"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029"# + directions + "]"

  private static let pathSchema: JSONObject = [
    "type": "string", "maxLength": .integer(PackageText.pathMax),
    "not": [
      "pattern": .string(
        "[\(controls)]|(^|/)[.]{0,2}(/|$)|[^/]{\(PackageText.componentMax + 1)}|^[.]sluice/package[.]json$")
    ],
  ]

  /// In some dialects `$` also stands before a last line end, which the end of each pattern therefore excludes.
  private static let end = #"$(?!\n)"#

  private static let timestampPattern =
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    + "([.][0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])" + end

  /// Source: semver.org, "Is there a suggested regular expression".
  private static let versionPattern: String = {
    let number = "(0|[1-9][0-9]*)"
    let label = "(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
    return "^\(number)[.]\(number)[.]\(number)(-\(label)([.]\(label))*)?([+][0-9a-zA-Z-]+([.][0-9a-zA-Z-]+)*)?" + end
  }()

  private static let base64Pattern =
    "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?" + end

  /// The largest number that a double holds; larger ones are infinite to most readers.
  private static let largest = "1.7976931348623157e308"
  private static func number(_ literal: String) -> JSONValue { .number(JSONNumber(literal: literal)) }
}
