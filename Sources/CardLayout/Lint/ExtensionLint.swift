import ByteText
import CardData

/// The rules for a region's extension of a national layout (file structure V2.0 §6).
///
/// Added directories begin at DF0A and added files at EF0C; EF05 to EF08 of the environment get no new elements; cyclic files get
/// more records and nothing else; files and tags that the specification has given away are not used again.
struct ExtensionLint {
    let layout: CardLayout
    let base: CardLayout

    /// A layout of another specification version is no extension but the next version, which may change what it likes.
    init?(_ layout: CardLayout, extending base: CardLayout?) {
        guard let base, base.specificationVersion == layout.specificationVersion else { return nil }
        self.layout = layout
        self.base = base
    }

    func check(_ faults: inout FaultCollector) {
        let takenTags = base.reservedTags.union(base.directories.flatMap(\.files).flatMap(\.tags))
        for directory in layout.directories {
            guard let old = base.directory(directory.name) else {
                if directory.identifier >> 8 != 0xDF || directory.identifier < 0xDF0A {
                    faults.add("layout.extension-directory", ["name": directory.name], at: directory.place)
                }
                directory.files.forEach { checkTags($0.elements, takenTags, &faults) }
                continue
            }
            if directory.identifier != old.identifier || directory.dedicatedFileName != old.dedicatedFileName
                || directory.parent != old.parent
            {
                changed(directory.name, directory.place, &faults)
            }
            for file in directory.files {
                check(file, of: directory, was: old.file(file.name), takenTags, &faults)
            }
        }
    }

    private func check(
        _ file: ElementaryFile, of directory: Directory, was old: ElementaryFile?, _ takenTags: Set<UInt8>,
        _ faults: inout FaultCollector
    ) {
        let path = "\(directory.name).\(file.name)"
        guard let old else {
            if file.identifier < 0xEF0C { faults.add("layout.extension-file", ["file": path], at: file.place) }
            checkTags(file.elements, takenTags, &faults)
            return
        }
        let isRing = if case .cyclic = old.structure { true } else { false }
        if file.identifier != old.identifier || !file.structure.keeps(old.structure) {
            changed(path, file.place, &faults)
        }
        let added = file.elements.filter { old.element($0.name) == nil }
        let isClosed = directory.name == "SSSE" && (0xEF05...0xEF08).contains(old.identifier)
        for element in added where isClosed || isRing {
            faults.add("layout.extension-element", ["file": path, "name": element.name], at: element.place)
        }
        checkTags(added, takenTags, &faults)
        for element in file.elements {
            guard let before = old.element(element.name) else { continue }
            let isSame =
                element.tag == before.tag && element.length == before.length && element.repeats == before.repeats
                && element.coding == before.coding
            if !isSame { changed("\(path).\(element.name)", element.place, &faults) }
        }
    }

    private func checkTags(_ added: [Element], _ taken: Set<UInt8>, _ faults: inout FaultCollector) {
        for element in added.flatMap({ [$0] + $0.inner }) {
            guard let tag = element.tag, taken.contains(tag) else { continue }
            faults.add(
                "layout.extension-tag", ["tag": tag.hexadecimal, "name": element.name], at: element.place)
        }
    }

    private func changed(_ name: String, _ place: SourcePlace, _ faults: inout FaultCollector) {
        faults.add("layout.extension-changed", ["name": name], at: place)
    }
}

extension ElementaryFile {
    /// All tags of its records and of the templates in them.
    fileprivate var tags: [UInt8] { elements.flatMap { [$0] + $0.inner }.compactMap(\.tag) }
}

extension ElementaryFile.Structure {
    /// Whether this is the other structure, with more records at most in a cyclic file.
    fileprivate func keeps(_ other: Self) -> Bool {
        if case .cyclic(let count, let length) = self, case .cyclic(let least, let same) = other {
            return count >= least && length == same
        }
        return self == other
    }
}
