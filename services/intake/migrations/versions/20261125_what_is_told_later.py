"""what is told later, and what a partner may see of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '5c1f0d7e42aa'
down_revision = '0864dec87526'
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('information',
    sa.Column('information_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False, comment='In the order it was told, from 1.'),
    sa.Column('added_at', MOMENT, nullable=False),
    sa.Column('given_by', sa.Text(), nullable=False),
    sa.Column('answers_request', sa.UUID(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False, comment="What was added, as sent, sealed with the contact's key."),
    sa.PrimaryKeyConstraint('information_id'),
    sa.UniqueConstraint('contact_id', 'number', name='information_in_order')
    )
    op.create_table('withdrawals',
    sa.Column('withdrawal_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('requested_at', MOMENT, nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=True, comment="Sealed with the contact's key."),
    sa.PrimaryKeyConstraint('withdrawal_id')
    )
    op.create_index('withdrawals_of_contact', 'withdrawals', ['contact_id'], unique=False)
    op.create_table('challenges',
    sa.Column('challenge_id', sa.UUID(), nullable=False),
    sa.Column('contact_id', sa.UUID(), nullable=False),
    sa.Column('challenged_at', MOMENT, nullable=False),
    sa.Column('ground', sa.Text(), nullable=False),
    sa.Column('subject_ids', postgresql.ARRAY(sa.UUID()), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False, comment="Sealed with the contact's key."),
    sa.PrimaryKeyConstraint('challenge_id')
    )
    op.create_index('challenges_of_contact', 'challenges', ['contact_id'], unique=False)
    op.add_column('contacts', sa.Column('sender_reference_index', sa.LargeBinary(), nullable=True, comment="Keyed hash of the sender's own reference."))
    op.create_index('contacts_by_sender_reference', 'contacts', ['sender_reference_index'], unique=False, postgresql_where=sa.text('sender_reference_index IS NOT NULL'))
    op.add_column('progress', sa.Column('about', sa.UUID(), nullable=True, comment='The request or challenge it speaks of.'))
    op.add_column('progress', sa.Column('codes', postgresql.ARRAY(sa.Text()), nullable=True, comment="The pack's questions that the referrer is asked."))
    op.add_column('progress', sa.Column('move', sa.Text(), nullable=True, comment='What it does to the stage; null: nothing.'))
    op.execute(
        "UPDATE progress p SET move = CASE p.what WHEN 'opened' THEN 'open' WHEN 'decided' THEN 'decide'"
        " WHEN 'closed' THEN 'close' WHEN 'informed' THEN 'inform' END FROM contacts c WHERE c.contact_id = p.contact_id"
        " AND (p.what <> 'informed' OR c.stage IN ('informed', 'closed'))"
    )
    op.execute("UPDATE progress SET what = 'decided' WHERE what = 'partly_decided'")


def downgrade() -> None:
    op.drop_column('progress', 'move')
    op.drop_column('progress', 'codes')
    op.drop_column('progress', 'about')
    op.drop_index('contacts_by_sender_reference', table_name='contacts', postgresql_where=sa.text('sender_reference_index IS NOT NULL'))
    op.drop_column('contacts', 'sender_reference_index')
    for table in ('challenges', 'withdrawals'):
        op.drop_index(f'{table}_of_contact', table_name=table)
    for table in ('challenges', 'withdrawals', 'information'):
        op.drop_table(table)
