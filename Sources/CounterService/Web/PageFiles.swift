import CardData
import Foundation

/// The files that come with the pages: templates, words, style, script, schemas.
enum PageFiles {
    /// Their folder.
    static var folder: String {
        get throws(Faults) {
            guard let path = Bundle.module.path(forResource: "Pages", ofType: nil) else {
                throw Faults("counter.page-file", ["file": "Pages"])
            }
            return path
        }
    }

    /// The names of all of them.
    static func names() throws(Faults) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: try folder) else {
            throw Faults("counter.page-file", ["file": "Pages"])
        }
        return names
    }

    /// One of them as text.
    static func text(_ name: String) throws(Faults) -> String {
        let path = try folder + "/" + name
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else { throw Faults("counter.page-file", ["file": name]) }
        return text
    }
}
