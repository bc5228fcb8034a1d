import CardData
import Foundation
import Mustache

/// Text that is filled into a page, its marks taken byte by byte.
///
/// Mustache's own way goes from character to character, and a mark of HTML that a combining sign stands beside (U+0301 behind it, U+0600
/// before it) is another character to Swift, while a browser sees the mark: it would go into the page as it is.
struct PageText: MustacheContentType {
    /// The name that templates ask for it by.
    private static let name = "PAGE"

    func escapeText(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): bytes += Array("&lt;".utf8)
            case UInt8(ascii: ">"): bytes += Array("&gt;".utf8)
            case UInt8(ascii: "&"): bytes += Array("&amp;".utf8)
            case UInt8(ascii: "\""): bytes += Array("&quot;".utf8)
            case UInt8(ascii: "'"): bytes += Array("&#39;".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The templates of the pages, each filled in this way, also where it is part of another; throws `counter.page-file`.
    static func library() throws(Faults) -> MustacheLibrary {
        MustacheContentTypes.register(PageText(), named: name)
        let suffix = ".mustache"
        var templates: [String: MustacheTemplate] = [:]
        for file in try PageFiles.names() where file.hasSuffix(suffix) {
            do {
                let text = try PageFiles.text(file)
                templates[String(file.dropLast(suffix.count))] = try MustacheTemplate(
                    string: "{{% CONTENT_TYPE:\(name)}}" + text)
            } catch let fault as Faults {
                throw fault
            } catch {
                throw Faults("counter.page-file", ["file": "\(file): \(error)"])
            }
        }
        return MustacheLibrary(templates: templates)
    }
}
