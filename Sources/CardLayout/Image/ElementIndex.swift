import CardData

/// Where a value goes, found by the names that CSV columns and commands use.
///
/// An element is named `DF02.EF06.currentOccupation`, or by its name alone where no other element has it; the rows of a cyclic file
/// are named by the file, `DF02.EF07`. The extension of a name has no column: it is cut from the name.
struct ElementIndex {
    enum Target: Hashable {
        case element(directory: Directory, file: ElementaryFile, element: Element)
        case rows(directory: Directory, file: ElementaryFile)
        /// The later meaning of an element's tag.
        case laterMeaning(Element, of: Element, file: ElementaryFile)
        /// The rows of a cyclic file that only the card itself writes.
        case writtenByCard(file: ElementaryFile)
    }

    /// All full names in the order of the layout.
    private(set) var names: [String] = []
    private var targets: [String: Target] = [:]
    private var short: [String: [String]] = [:]

    init(_ layout: CardLayout) {
        for directory in layout.directories {
            for file in directory.files where file.isCreated {
                let path = "\(directory.name).\(file.name)"
                if case .cyclic = file.structure {
                    if file.write.canBeMet {
                        add(path, .rows(directory: directory, file: file))
                    } else {
                        targets[path] = .writtenByCard(file: file)
                    }
                    continue
                }
                for element in file.elements where file.nameExtension != element {
                    add(element, at: path, .element(directory: directory, file: file, element: element))
                    guard let later = element.reinterpretation?.element else { continue }
                    add(later, at: path, .laterMeaning(later, of: element, file: file))
                }
            }
        }
    }

    private mutating func add(_ element: Element, at path: String, _ target: Target) {
        let name = "\(path).\(element.name)"
        add(name, target)
        short[element.name, default: []].append(name)
    }

    private mutating func add(_ name: String, _ target: Target) {
        names.append(name)
        targets[name] = target
    }

    /// Throws `layout.value-unknown`, `layout.written-by-card`, and `layout.value-ambiguous` with the full names.
    func target(_ name: String) throws(Faults) -> (name: String, target: Target) {
        if let target = targets[name] {
            if case .writtenByCard = target { throw Faults("layout.written-by-card", ["file": name]) }
            return (name, target)
        }
        let candidates = short[name] ?? []
        guard candidates.count <= 1 else {
            throw Faults("layout.value-ambiguous", ["name": name, "names": candidates.joined(separator: ", ")])
        }
        guard let full = candidates.first, let target = targets[full] else {
            throw Faults("layout.value-unknown", ["name": name])
        }
        return (full, target)
    }

    /// The shortest name that finds the same.
    func shortest(_ full: String) -> String {
        let name = full.split(separator: ".").last.map(String.init) ?? full
        return short[name] == [full] ? name : full
    }
}

extension ElementaryFile {
    /// The element that holds a person's name, when the file has one.
    var personName: Element? { elements.first { $0.format == .personName } }

    /// The element that takes what the name element cannot hold: it is called like the name with `Extension` behind it.
    var nameExtension: Element? { personName.flatMap { element($0.name + "Extension") } }
}
