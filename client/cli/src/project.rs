//! `mangonel project`.

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1};

use crate::{
    args::{OutputForm, ProjectCommand},
    output,
};

pub(crate) async fn run(client: &MangonelClient, command: ProjectCommand, form: OutputForm) -> Result<()> {
    let projects = match command {
        ProjectCommand::Create { name, description } => {
            vec![client.call(v1::CreateProject { name, description }).await?]
        }
        ProjectCommand::List => client.call(v1::ListProjects {}).await?.projects,
    };
    output::list(form, &projects, &["project", "owner", "description"], |project| {
        vec![project.name.clone(), project.owner.clone(), project.description.clone()]
    })
}
