import ByteText

/// The JSON form: directory, file, element; codes as codes, dates YYYYMMDD, bytes as hexadecimal digits, repeats as arrays of
/// objects, rows of cyclic files as an array, and `content` for a transparent file without elements.
extension CardContent: Encodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Writes one object; the encoder's `.sortedKeys` keeps the order of directories and files.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for directory in directories {
            var files = container.nestedContainer(keyedBy: Name.self, forKey: Name(directory.name))
            for file in directory.files {
                let key = Name(file.name)
                switch file.content {
                case .rows(let rows): try files.encode(rows, forKey: key)
                case .bytes(let bytes): try files.encode(["content": bytes.hexadecimal], forKey: key)
                case .elements(let values):
                    var elements = files.nestedContainer(keyedBy: Name.self, forKey: key)
                    for value in values {
                        switch value.value {
                        case .text(let text): try elements.encode(text, forKey: Name(value.name))
                        case .bytes(let bytes): try elements.encode(bytes.hexadecimal, forKey: Name(value.name))
                        case .templates(let rows): try elements.encode(rows, forKey: Name(value.name))
                        }
                    }
                }
            }
        }
    }
}
