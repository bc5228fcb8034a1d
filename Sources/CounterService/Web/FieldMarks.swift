import CardData
import Foundation

/// Marks on a page the fields that its faults are about, and leads to them from the list of the faults: a finished page of ours, in
/// which every value is escaped and every field is one tag.
struct FieldMarks {
    private var page: String

    /// Marks the fields of these faults on a page.
    ///
    /// - Parameter fields: what each fault may be about, in the order in which the page lists the faults.
    static func marked(_ page: String, _ fields: [[String]]) -> String {
        var marks = FieldMarks(page: page)
        for (index, names) in fields.enumerated() {
            guard let name = names.first(where: { !marks.tags(of: $0).isEmpty }) else { continue }
            marks.mark(name, "fault-\(index)")
        }
        return marks.page
    }

    /// The places of the visible tags of a field, the last first.
    private func tags(of name: String) -> [Range<String.Index>] {
        guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else { return [] }
        let found = page.ranges(of: /<(?:input|select|textarea)\b[^>]*>/.matchingSemantics(.unicodeScalar)).filter {
            place in
            let tag = page[place]
            return tag.contains(" name=\"\(name)\"") && !tag.contains(" type=\"hidden\"")
        }
        return found.reversed()
    }

    private mutating func mark(_ name: String, _ fault: String) {
        let places = tags(of: name)
        var target = "field-\(name)"
        for (place, isFirst) in zip(places, places.indices.map { $0 == places.count - 1 }) {
            var tag = String(page[place].dropLast())
            let own = tag.firstMatch(of: /\sid="([^"]*)"/.matchingSemantics(.unicodeScalar)).map { String($0.1) }
            if isFirst {
                if let own { target = own } else { tag += " id=\"\(target)\"" }
            }
            if let described = tag.firstRange(of: " aria-describedby=\"") {
                tag.replaceSubrange(described, with: " aria-describedby=\"\(fault) ")
            } else {
                tag += " aria-describedby=\"\(fault)\""
            }
            if !tag.contains(" aria-invalid=") { tag += " aria-invalid=\"true\"" }
            page.replaceSubrange(place, with: tag + ">")
        }
        let head = "<li id=\"\(fault)\"><strong>"
        guard let start = page.range(of: head), let end = page[start.upperBound...].range(of: "</strong>") else {
            return
        }
        page.replaceSubrange(end, with: "</strong></a>")
        page.replaceSubrange(start, with: "<li id=\"\(fault)\"><a href=\"#\(target)\"><strong>")
    }
}
