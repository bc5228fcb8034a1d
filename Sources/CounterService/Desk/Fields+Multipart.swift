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
        return Fields(values: values)
    }

    /// The boundary of a media type, quoted or not; one to seventy characters (RFC 2046, §5.1.1).
    static func boundary(_ contentType: String) -> String? {
        let pattern = /(?i)^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))(?:\s*;.*)?$/
        guard let match = contentType.firstMatch(of: pattern) else { return nil }
        return (match.1 ?? match.2).map(String.init)
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
