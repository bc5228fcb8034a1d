import ByteText
public import CardData
public import CardLayout
import Foundation

/// A dump that was kept in a file: either JSON form of `sscard card dump`.
public struct CardDumpFile: Hashable, Sendable {
    /// The two forms.
    public enum Form: Hashable, Sendable {
        /// Records and bytes in hexadecimal digits.
        case bytes(CardDump)
        /// Values by directory, file and element, as text; what of them the card warned of; and the places that its layout does not have.
        case values(
            [String: [String: [String: String]]], damaged: [String: [String: [String]]], foreignPlaces: [RegionalPlace])
    }

    /// The form with its content.
    public let form: Form

    /// Reads a dump from JSON; throws `card-dump.syntax`, and `card-dump.form` with the place inside.
    public init(json: [UInt8], file: String) throws(Faults) {
        let data = Data(json)
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: data)
        } catch {
            throw Faults("card-dump.syntax", ["file": file])
        }
        guard let root = object as? [String: Any] else {
            throw Faults("card-dump.form", ["file": file, "place": "/"])
        }
        guard root["format"] == nil else {
            do {
                form = .bytes(try JSONDecoder().decode(CardDump.self, from: data))
            } catch {
                throw Faults("card-dump.form", ["file": file, "place": Self.place(error)])
            }
            return
        }
        let damaged = root[CardContent.damagedKey]
        guard let damaged = (damaged ?? [String: Any]()) as? [String: [String: [String]]] else {
            throw Faults("card-dump.form", ["file": file, "place": "/\(CardContent.damagedKey)"])
        }
        let paths = root[CardContent.foreignPlacesKey] ?? [String]()
        guard let paths = paths as? [String], case let places = paths.compactMap(RegionalPlace.init(path:)),
            places.count == paths.count
        else { throw Faults("card-dump.form", ["file": file, "place": "/\(CardContent.foreignPlacesKey)"]) }
        let keys = [CardContent.damagedKey, CardContent.foreignPlacesKey]
        form = .values(
            try Self.values(root.filter { !keys.contains($0.key) }, file), damaged: damaged, foreignPlaces: places)
    }

    /// The layout the dump names: by name in the byte form, by the specification version in the other; nil when it names none.
    public func layoutName(among layouts: [CardLayout]) -> String? {
        switch form {
        case .bytes(let dump): return dump.layoutName
        case .values(let values, _, _):
            let version = values["SSSE"]?["EF05"]?["specificationVersion"]
            let layout = layouts.first { $0.specificationVersion == version }
            return (layout ?? layouts.first { $0.accepts(version: version ?? "") })?.name
        }
    }

    /// What the dump says a card holds.
    public func inventory(by layout: CardLayout) -> CardInventory {
        switch form {
        case .bytes(let dump): CardInventory(dump, by: layout)
        case .values(let values, let damaged, let places):
            CardInventory(values, damaged: damaged, foreignPlaces: places)
        }
    }

    // MARK: -

    private static func values(
        _ root: [String: Any], _ name: String
    ) throws(Faults) -> [String: [String: [String: String]]] {
        var faults = FaultCollector()
        var values: [String: [String: [String: String]]] = [:]
        for (directory, content) in root.sorted(by: { $0.key < $1.key }) {
            guard let files = content as? [String: Any] else {
                faults.add("card-dump.form", ["file": name, "place": "/\(directory)"])
                continue
            }
            values[directory] = [:]
            for (file, content) in files.sorted(by: { $0.key < $1.key }) {
                guard let texts = texts(content) else {
                    faults.add("card-dump.form", ["file": name, "place": "/\(directory)/\(file)"])
                    continue
                }
                values[directory]?[file] = texts
            }
        }
        try faults.check()
        return values
    }

    /// An object of values, each a text or an array of rows, or the rows of a cyclic file.
    private static func texts(_ content: Any) -> [String: String]? {
        if let rows = content as? [[String: String]] {
            return Dictionary(
                uniqueKeysWithValues: rows.enumerated().map { (String($0 + 1), TemplateText.write([$1])) })
        }
        guard let elements = content as? [String: Any] else { return nil }
        var texts: [String: String] = [:]
        for (element, value) in elements {
            if let text = value as? String {
                texts[element] = text
            } else if let rows = value as? [[String: String]] {
                texts[element] = TemplateText.write(rows)
            } else {
                return nil
            }
        }
        return texts
    }

    private static func place(_ error: any Error) -> String {
        let context: DecodingError.Context
        switch error as? DecodingError {
        case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
            .valueNotFound(_, let found):
            context = found
        default: return "/"
        }
        return "/" + context.codingPath.map(\.stringValue).joined(separator: "/") + " (\(context.debugDescription))"
    }
}
