import ByteText
import CardLayout

/// A layout on its profile, for programs: every directory, file and element with its access bytes as hexadecimal digits.
struct CompiledCardReport: Encodable {
    struct Directory: Encodable {
        let name: String
        let identifier: String
        let title: String?
        let files: [File]
    }

    struct File: Encodable {
        let name: String
        let title: String
        let structure: String
        let read: String
        let write: String
        let elements: [Element]
    }

    struct Element: Encodable {
        let name: String
        let title: String
        let tag: String?
        let length: Int
        let read: String?
    }

    let layout: String
    let title: String
    let englishTitle: String?
    let specificationVersion: String
    let profile: String
    let bytes: Int
    let directories: [Directory]

    init(_ card: CompiledCard) {
        layout = card.layout.name
        title = card.layout.title
        englishTitle = card.layout.englishTitle
        specificationVersion = card.layout.specificationVersion
        profile = card.profile.name
        bytes = card.space
        directories = card.directories.map { directory in
            Directory(
                name: directory.name, identifier: directory.identifier.hexadecimal, title: directory.directory?.title,
                files: directory.files.compactMap(File.init))
        }
    }
}

extension CompiledCardReport.File {
    fileprivate init?(_ compiled: CompiledFile) {
        guard let file = compiled.file else { return nil }
        name = file.name
        title = file.title
        structure = "\(file.structure)"
        read = compiled.readByte.hexadecimal
        write = compiled.writeByte.hexadecimal
        elements = file.elements.map { element in
            CompiledCardReport.Element(
                name: element.name, title: element.title, tag: element.tag?.hexadecimal, length: element.length,
                read: element.tag.flatMap { compiled.recordReadBytes[$0]?.hexadecimal })
        }
    }
}
