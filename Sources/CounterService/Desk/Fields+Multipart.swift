import ByteText
import CardData
import Foundation

extension Fields {
    /// No form of ours has more parts.
    private static let mostParts = 200

    /// Reads a form that carries a file (`multipart/form-data`, RFC 7578), as browsers send it without any script: texts as they are, a
    /// file's bytes in base 64 under the name of its field.
    ///
    /// - Parameters:
    ///   - bytes: the body.
    ///   - contentType: the header's value, which tells the boundary.
    /// - Throws: `counter.form` for what is none, names a field twice, or does not end.
    static func multipart(_ bytes: [UInt8], _ contentType: String) throws(Faults) -> Fields {
        guard let boundary = boundary(contentType) else { throw Faults("counter.form") }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter begins the body and has no line's end before it.
        var rest = (Array("\r\n".utf8) + bytes)[...]
        var values: [String: String] = [:]
        guard rest.starts(with: delimiter) else { throw Faults("counter.form") }
        rest = rest.dropFirst(delimiter.count)
        while !rest.starts(with: Array("--".utf8)) {
            guard values.count < mostParts, rest.starts(with: Array("\r\n".utf8)),
                let head = range(of: Array("\r\n\r\n".utf8), in: rest),
                let end = range(of: delimiter, in: rest[head.upperBound...]),
                let header = String(validating: rest[..<head.lowerBound], as: UTF8.self),
                let (name, fileName) = disposition(header), values[name] == nil
            else { throw Faults("counter.form") }
            let content = rest[head.upperBound..<end.lowerBound]
            if fileName != nil {
                values[name] = Data(content).base64EncodedString()
            } else {
                guard let text = String(validating: content, as: UTF8.self) else { throw Faults("counter.form") }
                values[name] = text
            }
            rest = rest[end.upperBound...]
        }
        return try Fields(sent: values, "counter.form")
    }

    /// No browser's media type of a form is longer, in bytes.
    private static let longestMediaType = 256

    /// The boundary of a media type, quoted or not; one to seventy characters (RFC 2046, §5.1.1).
    ///
    /// Goes over the bytes once: whoever sends the header need not have logged in.
    static func boundary(_ contentType: String) -> String? {
        let bytes = Array(contentType.utf8)
        guard bytes.count <= longestMediaType, bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
            return nil
        }
        let parameters = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        }
        let name = "boundary="
        guard parameters.first?.lowercased() == "multipart/form-data",
            let parameter = parameters.dropFirst().first(where: { $0.lowercased().hasPrefix(name) })
        else { return nil }
        var value = parameter.dropFirst(name.count)
        if value.hasPrefix("\"") {
            guard value.count > 1, value.hasSuffix("\"") else { return nil }
            value = value.dropFirst().dropLast()
        } else if value.contains(where: \.isWhitespace) {
            return nil
        }
        guard (1...70).contains(value.count), !value.contains("\"") else { return nil }
        return String(value)
    }

    /// The field of a part, and how a file is named; nil for a text.
    static func disposition(_ header: String) -> (name: String, fileName: String?)? {
        let lines = header.components(separatedBy: "\r\n")
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = line.firstMatch(of: /[;\s]name="([^"]+)"/)
        else { return nil }
        guard line.contains("filename=") else { return (String(name.1), nil) }
        return (String(name.1), line.firstMatch(of: /filename="([^"]*)"/).map { String($0.1) } ?? "")
    }

    /// Where some bytes stand first.
    static func range(of wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        guard let first = wanted.first else { return nil }
        var start = bytes.startIndex
        while let found = bytes[start...].firstIndex(of: first), found + wanted.count <= bytes.endIndex {
            if bytes[found...].starts(with: wanted) { return found..<found + wanted.count }
            start = found + 1
        }
        return nil
    }
}
