/// Words for writing JSON Schemas 2020-12 of documents whose every field is always there.
protocol SchemaWriting {}

extension SchemaWriting {
  static func text(_ pattern: String? = nil) -> JSONValue {
    pattern.map { ["type": "string", "pattern": .string($0)] } ?? ["type": "string"]
  }

  static func nullable(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }
  static func anyOf(_ words: [String]) -> JSONValue { ["enum": .array(words.map(JSONValue.string))] }

  static func array(_ items: JSONValue, max: Int? = nil) -> JSONValue {
    var schema: JSONObject = ["type": "array", "items": items]
    if let max { schema["maxItems"] = .integer(max) }
    return .object(schema)
  }

  /// An object of exactly these fields.
  static func object(_ fields: [(name: String, schema: JSONValue, description: String)]) -> JSONObject {
    var properties = JSONObject()
    for (name, schema, description) in fields {
      var field = schema.object ?? [:]
      if !description.isEmpty { field["description"] = .string(description) }
      properties[name] = .object(field)
    }
    return [
      "type": "object", "required": .array(fields.map { .string($0.name) }), "properties": .object(properties),
      "additionalProperties": false,
    ]
  }

  /// The same object with one more field.
  static func with(_ schema: JSONObject, _ name: String, _ field: JSONValue) -> JSONObject {
    var schema = schema
    var properties = schema["properties"]?.object ?? [:]
    properties[name] = field
    schema["properties"] = .object(properties)
    schema["required"] = .array((schema["required"]?.array ?? []) + [.string(name)])
    return schema
  }

  static func with(_ schema: JSONObject, _ name: String, _ field: JSONValue) -> JSONValue {
    .object(with(schema, name, field) as JSONObject)
  }
}
