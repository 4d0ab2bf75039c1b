//! What is read for positions, and what becomes of sources that cannot be read.

use super::*;

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().filter_map(Result::ok) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Code and line of each problem.
fn problems(report: &Value) -> Vec<String> {
    let said = |problem: &Value| {
        let location = &problem["location"];
        let file = location["path"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        format!("{} {file}:{}", problem["code"].as_str().unwrap(), location["start"]["line"])
    };
    report["problems"].as_array().unwrap().iter().map(said).collect()
}

/// File and line of each violation.
fn found(report: &Value) -> BTreeSet<String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    violations(report).into_iter().map(|(path, line, _)| format!("{}:{line}", name(&path))).collect()
}

fn set(places: &[&str]) -> BTreeSet<String> {
    places.iter().map(|place| (*place).to_owned()).collect()
}

#[test]
fn a_source_that_cannot_be_read_is_a_problem_and_its_findings_stay_in_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("locals"), folder.path());
    let plan = folder.path().join("plan.json");
    let main = folder.path().join("main.tf");
    let whole = fs::read_to_string(&main).unwrap();
    let all = set(&["locals.tf:2", "locals.tf:4", "main.tf:44"]);
    let (_, report) = reported(&[text(&plan)]);
    assert_eq!(found(&report), all);

    // Locals that are not known: the reference is what is left.
    let locals = folder.path().join("locals.tf");
    let written = fs::read_to_string(&locals).unwrap();
    fs::write(&locals, written.replace("closed = true", "closed = = true")).unwrap();
    let (exit, report) = reported(&[text(&plan)]);
    assert_eq!(exit, Exit::Findings);
    assert_eq!(problems(&report), ["terraform-syntax locals.tf:3"]);
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("expression"), "{report}");
    assert_eq!(found(&report), set(&["main.tf:25", "main.tf:35", "main.tf:44"]));

    // Sources that nobody named do not change what the run comes to; those that are named are to be right.
    for (named, code) in [(&[][..], Exit::Clean), (&["--source", text(folder.path())][..], Exit::Findings)] {
        let (exit, _) = reported(&[&["--select", "pe-not-approved", text(&plan)], named].concat());
        assert_eq!(exit, code);
    }

    // Blocks that are not known.
    for broken in
        [whole.replace("resource \"azurerm_resource_group\"", "resource \"azurerm_resource_group"), "{".repeat(9_999)]
    {
        fs::write(&main, broken).unwrap();
        let (exit, report) = reported(&["--open", "ignore", text(&plan)]);
        assert_eq!(exit, Exit::Findings);
        assert_eq!(problems(&report).len(), 2, "{report}");
        assert_eq!(found(&report), set(&["plan.json:1"]));
    }
    // What is no text.
    fs::write(&main, b"\xff\xfe\xff resource").unwrap();
    let (exit, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!((exit, found(&report)), (Exit::Findings, set(&["plan.json:1"])));
    // No source is an input: it never makes the run one that could not be done.
    fs::write(&main, whole).unwrap();
    fs::write(&locals, written).unwrap();
    let (_, report) = reported(&[text(&plan)]);
    assert_eq!((found(&report), problems(&report)), (all, Vec::new()));
}

#[test]
fn a_source_folder_that_is_none_is_refused() {
    let plan = testdata("locals/plan.json");
    let folder = tempfile::tempdir().unwrap();
    for (source, said) in [
        (folder.path().to_path_buf(), "no .tf files"),
        (folder.path().join("missing"), "no file or folder"),
        (plan.clone(), "no file or folder"),
    ] {
        let (exit, printed) = run(&["--source", text(&source), text(&plan)]);
        assert_eq!(exit, Exit::Unusable);
        assert!(printed.contains(said), "{printed}");
    }
}

#[test]
fn only_sources_of_the_project_are_read() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("modules"), folder.path());
    let plan = folder.path().join("live/plan.json");
    // No repository, and the current folder is another one: the project is the folder of the plan.
    let (exit, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!(exit, Exit::Findings);
    assert_eq!(
        problems(&report),
        [
            "terraform-module-outside main.tf:21",
            "terraform-module-outside main.tf:28",
            "terraform-module-outside main.tf:10"
        ]
        .into_iter()
        .collect::<Vec<_>>()
        .as_slice()
    );
    assert_eq!(found(&report), set(&["main.tf:20", "main.tf:27", "main.tf:9", "main.tf:41"]));
    // A repository around both.
    fs::create_dir(folder.path().join(".git")).unwrap();
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!(problems(&report), [""; 0]);
    assert_eq!(found(&report), set(&["main.tf:24", "main.tf:37", "main.tf:11", "main.tf:41"]));
    // A module that is not there.
    fs::rename(folder.path().join("modules"), folder.path().join("elsewhere")).unwrap();
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert!(problems(&report).iter().all(|problem| problem.starts_with("terraform-module-missing")), "{report}");
    assert_eq!(problems(&report).len(), 3);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_does_not_lead_out() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    let outside = folder.path().join("outside");
    copy(&testdata("modules"), &project);
    fs::create_dir(project.join(".git")).unwrap();
    fs::create_dir(&outside).unwrap();
    // A folder of modules, and a file.
    fs::rename(project.join("modules"), outside.join("modules")).unwrap();
    symlink(outside.join("modules"), project.join("modules")).unwrap();
    let plan = project.join("live/plan.json");
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert!(problems(&report).iter().all(|problem| problem.starts_with("terraform-module-outside")), "{report}");
    assert_eq!(found(&report), set(&["main.tf:20", "main.tf:27", "main.tf:9", "main.tf:41"]));
    let main = project.join("live/main.tf");
    fs::rename(&main, outside.join("main.tf")).unwrap();
    symlink(outside.join("main.tf"), &main).unwrap();
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!(found(&report), set(&["plan.json:1"]));
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("leaves the project"), "{report}");
    // Inside of the project it is followed.
    fs::remove_file(&main).unwrap();
    fs::rename(outside.join("main.tf"), project.join("shared.tf")).unwrap();
    symlink(project.join("shared.tf"), &main).unwrap();
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!(found(&report), set(&["main.tf:20", "main.tf:27", "main.tf:9", "main.tf:41"]));
}

#[test]
fn a_circle_of_modules_and_of_locals_ends() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("locals"), folder.path());
    let plan = folder.path().join("plan.json");
    fs::write(
        folder.path().join("locals.tf"),
        "locals {\n  public = local.other\n  other = local.public\n  network = local.network\n}\nmodule \"m\" {\n  source = \"./m\"\n}\n",
    )
    .unwrap();
    fs::create_dir(folder.path().join("m")).unwrap();
    fs::write(folder.path().join("m/main.tf"), "module \"n\" {\n  source = \"../\"\n}\n").unwrap();
    let (exit, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!((exit, problems(&report).len()), (Exit::Findings, 0));
    assert_eq!(found(&report).len(), 3, "{report}");
}

#[test]
fn what_sources_hold_secret_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("variables"), folder.path());
    let plan = folder.path().join("plan.json");
    let defaults = folder.path().join("variables.tf");
    let written = fs::read_to_string(&defaults).unwrap();
    // Beside the lines that are shown.
    let secret = "variable \"phrase\" {\n  sensitive = true\n  default = \"Tr0ub4dor-default\"\n}\n";
    let beside = written.replace(
        "default = false # <-",
        "default = false\n  validation { client_secret = \"Tr0ub4dor-block\" }\n # <-",
    );
    fs::write(&defaults, secret.to_owned() + &beside).unwrap();
    let given = folder.path().join("terraform.tfvars");
    let written = fs::read_to_string(&given).unwrap();
    let extra = "public = false\nphrase = \"Tr0ub4dor-given\"\nadmin_password = \"${\"Tr0ub4dor\"}-name\"\n";
    fs::write(&given, written.replace("public = false", extra)).unwrap();
    let (_, human) = run(&[text(&plan)]);
    assert!(human.contains("phrase = \"***"), "{human}");
    for format in ["human", "json", "sarif", "markdown"] {
        let (_, printed) = run(&["--format", format, text(&plan)]);
        assert!(!printed.contains("Tr0ub4dor"), "{printed}");
    }
}

#[test]
fn what_is_gone_has_no_line_unless_its_block_is_there() {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata("locals"), folder.path());
    let plan = folder.path().join("plan.json");
    // The sources are those of another plan: the block is not there any more.
    let main = folder.path().join("main.tf");
    let written = fs::read_to_string(&main).unwrap();
    fs::write(&main, written.replace("\"plain\"", "\"renamed\"")).unwrap();
    let (_, report) = reported(&["--open", "ignore", text(&plan)]);
    assert_eq!(found(&report), set(&["plan.json:1", "locals.tf:4", "main.tf:44"]));
}
