import ByteText

/// The JSON form: directory, file, element; codes as codes, dates YYYYMMDD, bytes as hexadecimal digits, repeats as arrays of
/// objects, rows of cyclic files as an array, and `content` for a transparent file without elements.
///
/// What the card warned of stands beside the directories, under `damaged`, where there is any, and so do places that the layout does not have, under
/// `notInLayout`.
extension CardContent: Encodable {
    /// The key of what the card warned of.
    public static let damagedKey = "damaged"
    /// The key of the places that the layout does not have.
    public static let foreignPlacesKey = "notInLayout"

    /// Writes one object; the encoder's `.sortedKeys` keeps the order of directories and files.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONName.self)
        if !damaged.isEmpty { try container.encode(damaged, forKey: JSONName(Self.damagedKey)) }
        if !foreignPlaces.isEmpty {
            try container.encode(foreignPlaces.map(\.path), forKey: JSONName(Self.foreignPlacesKey))
        }
        for directory in directories {
            var files = container.nestedContainer(keyedBy: JSONName.self, forKey: JSONName(directory.name))
            for file in directory.files {
                let key = JSONName(file.name)
                switch file.content {
                case .rows(let rows): try files.encode(rows, forKey: key)
                case .bytes(let bytes): try files.encode(["content": bytes.hexadecimal], forKey: key)
                case .elements(let values):
                    var elements = files.nestedContainer(keyedBy: JSONName.self, forKey: key)
                    for value in values {
                        switch value.value {
                        case .text(let text): try elements.encode(text, forKey: JSONName(value.name))
                        case .bytes(let bytes): try elements.encode(bytes.hexadecimal, forKey: JSONName(value.name))
                        case .templates(let rows): try elements.encode(rows, forKey: JSONName(value.name))
                        }
                    }
                }
            }
        }
    }
}
